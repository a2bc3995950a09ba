var link = new RTCPeerConnection({ iceServers: [{ urls: "stun:stun.example.com:19302" }] });
link.createOffer();
