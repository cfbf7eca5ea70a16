"""Kafka orders and carries: topics with their settings, one producer a process, readers that bring their own offsets.

It is trusted for progress and never for truth: whatever contradicts what we have read before stops us (`Halted`).
"""
