"""What keeps an account its owner's: a second factor, where it is signed in, what was changed.

`accounts.service` asks here when somebody signs in; the routes of one's own account ask for the rest.
"""
