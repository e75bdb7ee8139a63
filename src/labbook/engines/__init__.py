"""What trains: three engines behind one interface (labbook.training.run), chosen by choice.py."""
