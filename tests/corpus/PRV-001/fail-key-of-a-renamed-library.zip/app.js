P.init("phc_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", { api_host: "/ingest" });
