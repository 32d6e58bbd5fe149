"""A Django project with simplejwt as its own migrations make it, in a folder: its database, two dumps of it, and two refresh tokens."""
import json
import os
import sys

import django
from django.conf import settings

folder, signing_key = sys.argv[1], sys.argv[2]
settings.configure(
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(folder, 'db.sqlite3')}},
    DEFAULT_AUTO_FIELD='django.db.models.BigAutoField',
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'rest_framework_simplejwt.token_blacklist'],
    SECRET_KEY='the secret of this project, which signs no token',
    SIMPLE_JWT={'SIGNING_KEY': signing_key},
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from rest_framework_simplejwt.tokens import RefreshToken

call_command('migrate', verbosity=0)
editors = Group.objects.create(name='editors')
editors.permissions.add(Permission.objects.get(codename='add_user'))
alice = User.objects.create_user('Alice', 'alice@example.com', 'lètmein', first_name='Alice')
alice.groups.add(editors)
alice.user_permissions.add(Permission.objects.get(codename='view_group'))
root = User(username='root', is_superuser=True, is_staff=True)
root.set_unusable_password()
root.save()
good, ended = RefreshToken.for_user(alice), RefreshToken.for_user(alice)
ended.blacklist()
call_command('dumpdata', output=os.path.join(folder, 'dump.json'))
call_command('dumpdata', output=os.path.join(folder, 'natural.json'), use_natural_foreign_keys=True)
print(json.dumps({'good': str(good), 'ended': str(ended)}))
