"""The client of the tutorial in the modes ONE-COOKIE and TWO-COOKIES: python3 programs/in_cookies.py https://localhost:8000"""
import base64
import json
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
print('login', r.status_code, r.content)
for cookie in sess.cookies:
    print(f'  {cookie.name} {cookie.path} HttpOnly={cookie.has_nonstandard_attr("HttpOnly")}')
if 'jwt_access_payload' in sess.cookies:
    claims = json.loads(base64.b64decode(sess.cookies['jwt_access_payload']))
    print('  user', claims['user'])

# 2.2 Validate
headers = {'X-CSRFToken': sess.cookies['csrftoken'], 'REFERER': base}
r = sess.post(f'{base}/validate_access/', headers=headers)
print('validate access', r.status_code, r.content)
r = sess.post(f'{base}/validate_access/', headers={'REFERER': base})
print('validate access, without the CSRF token', r.status_code, r.headers['Content-Type'])
data = {'jwt_type': 'refresh'}
r = sess.post(f'{refresh_path}/validate_refresh/', headers=headers, data=data)
print('validate refresh', r.status_code, r.content)

# 3. Protecting views
r = sess.get(f'{base}/testapp/protect/')
print('protect', r.status_code, r.content)
r = requests.get(f'{base}/testapp/protect/', verify=False)
print('protect, without cookies', r.status_code, r.content)

# The endpoints of the refresh token
r = sess.post(f'{refresh_path}/refresh_access/', headers=headers, data=data)
print('refresh access', r.status_code, r.content)
r = sess.post(f'{refresh_path}/update_refresh/', headers=headers, data=data)
print('update refresh', r.status_code, r.content)
r = sess.post(f'{refresh_path}/logout/', headers=headers, data=data)
print('logout', r.status_code, r.content)
assert r.content == b'{"msg": "Token successfully blacklisted."}'
r = sess.delete(f'{refresh_path}/logout/', headers=headers, data=data)
print('delete', r.status_code, r.content)
print('  cookies left', [cookie.name for cookie in sess.cookies])
r = sess.get(f'{base}/testapp/protect/')
print('protect, after the logout', r.status_code, r.content)
