"""The public report on moderation: counts and medians, nothing that few people are behind."""
