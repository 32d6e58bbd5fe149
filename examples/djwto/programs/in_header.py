"""The client of the tutorial in the mode JSON: python3 programs/in_header.py http://localhost:8000"""
import sys

import requests

base = sys.argv[1]
refresh_path = f'{base}/api/token/refresh'
requests.packages.urllib3.disable_warnings()

sess = requests.Session()
sess.verify = False  # The certificate of the example is its own.
sess.trust_env = False  # Or REQUESTS_CA_BUNDLE in the environment would have a say.

# 2.1 Login
r = sess.post(f'{base}/login/', data={'username': 'alice', 'password': 'password'})
tokens = r.json()
print('login', r.status_code, list(tokens))

# 2.2 Validate
sess.headers.update({'AUTHORIZATION': f"Bearer {tokens['access']}"})
r = sess.post(f'{base}/validate_access/')
print('validate access', r.status_code, r.content)

# 3. Protecting views
r = sess.get(f'{base}/testapp/protect/')
print('protect', r.status_code, r.content)
r = requests.get(f'{base}/testapp/protect/', verify=False)
print('protect, without a token', r.status_code, r.content)
r = sess.get(f'{base}/testapp/perms_protect/')
print('perms', r.status_code, r.content)

# The endpoints of the refresh token
sess.headers.update({'AUTHORIZATION': f"Bearer {tokens['refresh']}"})
r = sess.post(f'{refresh_path}/validate_refresh/')
print('validate refresh', r.status_code, r.content)
r = sess.post(f'{refresh_path}/refresh_access/')
print('refresh access', r.status_code, r.json()['refresh'] == tokens['refresh'])
r = sess.post(f'{refresh_path}/update_refresh/')
print('update refresh', r.status_code, list(r.json()))
sess.headers.update({'AUTHORIZATION': f"Bearer {r.json()['refresh']}"})
r = sess.post(f'{refresh_path}/logout/')
print('logout', r.status_code, r.content)
assert r.content == b'{"msg": "Token successfully blacklisted."}'
r = sess.post(f'{refresh_path}/logout/')
print('logout again', r.status_code, r.content)
r = sess.delete(f'{refresh_path}/logout/')
print('delete', r.status_code, r.content)

# What the original left open: the access token of the login is over, too.
sess.headers.update({'AUTHORIZATION': f"Bearer {tokens['access']}"})
r = sess.get(f'{base}/testapp/protect/')
print('protect, after the logout', r.status_code, r.content)
