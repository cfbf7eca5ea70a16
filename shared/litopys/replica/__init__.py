"""What validators, sealers and auditors share: following, judging, storing, catching up from peers."""
