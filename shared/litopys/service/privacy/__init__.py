"""Personal fields: who may see them and is written down, what is erased, what a legal hold keeps."""
