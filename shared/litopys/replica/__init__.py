"""What validators, sealers and auditors share: following Kafka, judging blocks, storing them, catching up from peers."""
