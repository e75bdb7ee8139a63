"""What does the best model of a study say of new rows, here or in another program?"""
