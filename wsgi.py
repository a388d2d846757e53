"""What a WSGI server loads: `wsgi:app`."""

from portal.app import create_app

app = create_app()
