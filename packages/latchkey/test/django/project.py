"""A Django project of one file with djangorestframework-simplejwt, as its documentation has it: started with its SIMPLE_JWT as JSON."""
import json
import os
import sys
import threading
import time
from datetime import timedelta

import django
from django.conf import settings

folder, given = sys.argv[1], json.loads(sys.argv[2])
for name in ('ACCESS_TOKEN_LIFETIME', 'REFRESH_TOKEN_LIFETIME'):
    if name in given:
        given[name] = timedelta(seconds=given[name])

APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'rest_framework_simplejwt.token_blacklist']
settings.configure(
    ALLOWED_HOSTS=['127.0.0.1'],
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(folder, 'db.sqlite3'),
                           'OPTIONS': {'timeout': 20}}},
    DEFAULT_AUTO_FIELD='django.db.models.BigAutoField',
    INSTALLED_APPS=APPS,
    # The tables without their history, which takes longer than all tests.
    MIGRATION_MODULES={app.split('.')[-1]: None for app in APPS},
    PASSWORD_HASHERS=['__main__.Quick'],
    REST_FRAMEWORK={'DEFAULT_AUTHENTICATION_CLASSES': ['rest_framework_simplejwt.authentication.JWTAuthentication']},
    ROOT_URLCONF='__main__',
    SECRET_KEY='the secret of this project, which signs no token',
    SIMPLE_JWT=given,
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt import views


class Quick(PBKDF2PasswordHasher):
    iterations = 20_000


class Protected(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({'id': request.user.id, 'username': request.user.username})


urlpatterns = [
    path('api/token/', views.token_obtain_pair),
    path('api/token/refresh/', views.token_refresh),
    path('api/token/verify/', views.token_verify),
    path('api/token/blacklist/', views.token_blacklist),
    path('api/protected/', Protected.as_view()),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Server(ThreadedWSGIServer):
    # Fifty clients at once are more than the usual five that may wait.
    request_queue_size = 128
    daemon_threads = True


call_command('migrate', run_syncdb=True, verbosity=0)
password = make_password('password')
for username in ('alice', 'bob', 'inactive', 'root'):
    User.objects.create(username=username, password=password, email=f'{username}@example.com',
                        is_active=username != 'inactive', is_superuser=username == 'root')

server = Server(('127.0.0.1', 0), Quiet)
server.set_app(get_wsgi_application())
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(os.path.join(folder, 'port.new'), 'w') as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, 'port.new'), os.path.join(folder, 'port'))
# It goes with its folder, whatever became of those who started it.
while os.path.exists(folder):
    time.sleep(0.5)
