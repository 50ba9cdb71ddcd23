"""The partner: an outsider who inspects a place by views without people, for a time, and may stop its profiles."""
