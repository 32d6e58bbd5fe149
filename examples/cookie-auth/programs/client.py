"""A client of the views in the README of drf-cookie-jwtauth: python3 programs/client.py https://localhost:8000 [seconds that an access token lives]"""
import sys
import time

import requests

base = sys.argv[1]
lifetime = int(sys.argv[2]) if len(sys.argv) > 2 else None
requests.packages.urllib3.disable_warnings()

sess = requests.Session()
sess.verify = False  # The certificate of the example is its own.
sess.trust_env = False  # Or REQUESTS_CA_BUNDLE in the environment would have a say.

r = sess.post(f'{base}/login/', json={'username': 'alice', 'password': 'wrong'})
print('login, wrong password', r.status_code, r.json())
r = sess.get(f'{base}/username/')
print('username, as a stranger', r.status_code, r.json())
r = sess.post(f'{base}/login/', json={'username': 'alice', 'password': 'password'})
print('login', r.status_code, sorted(sess.cookies.keys()))
r = sess.get(f'{base}/logged/')
print('logged', r.status_code)
r = sess.get(f'{base}/username/')
print('username', r.status_code, r.json())

if lifetime is not None:
    before = sess.cookies.get_dict()
    time.sleep(lifetime)
    r = sess.get(f'{base}/username/')
    print('username, later', r.status_code, r.json())
    after = sess.cookies.get_dict()
    print('  another access token:', after['access_token'] != before['access_token'])
    print('  the same refresh token:', after['refresh_token'] == before['refresh_token'])

old = sess.cookies.get_dict()
# What its README says is not supported: the same token in a header.
r = requests.get(f'{base}/username/', headers={'Authorization': f"Bearer {old['access_token']}"}, verify=False)
print('username, by the header', r.status_code, r.json())
r = sess.delete(f'{base}/logout')
print('logout', r.status_code, sorted(sess.cookies.keys()))
r = requests.get(f'{base}/username/', cookies=old, verify=False)
print('username, with the old cookies', r.status_code, r.json())
r = requests.delete(f'{base}/logout', cookies=old, verify=False)
print('logout again', r.status_code, r.json())
