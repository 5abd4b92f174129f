char table[3] = "ab";
