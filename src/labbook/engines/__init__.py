"""What trains: three engines behind one interface (labbook.train.run), chosen by choice.py."""
