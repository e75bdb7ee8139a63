"""What people read: figures and the page, made from the tables of evaluate."""
