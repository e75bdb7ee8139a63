"""What was made from what: the graph of nodes, their keys, and what is stale."""
