var n = window.fbq = function () { (n.queue = n.queue || []).push(arguments); };
fbq("init", "123456789012345");
fbq("track", "PageView");
