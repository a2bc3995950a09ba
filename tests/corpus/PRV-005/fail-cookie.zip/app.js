document["cookie"] = "level=3";
