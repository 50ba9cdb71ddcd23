"""Drawing with NumPy: colours, fields, shapes, light and letters, as the themes use them."""
