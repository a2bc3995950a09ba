var Module = { ready: true };
