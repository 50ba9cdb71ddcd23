"""Where candidates come from; a source that fails yields nothing and is counted."""
