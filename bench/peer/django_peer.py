"""Peer of the public page: the same rows of a unit, rendered by Django, with and without cache_page."""
import json
import os

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="bench only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DAYLIGHT_DB"]}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.cache import cache_page  # noqa: E402

TEMPLATE = engines["django"].from_string(
    """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ unit.name }}</title></head><body>
<h1>{{ unit.name }}</h1><h2>主要职责</h2><ul>{% for line in duties %}<li>{{ line }}</li>{% endfor %}</ul>
<h2>人员</h2><table>{% for c in cadres %}<tr><td><a href="/cadres/{{ c.0 }}">{{ c.1 }}</a></td><td>{{ c.2 }}</td>
<td>{{ c.3|default:"" }}</td></tr>{% endfor %}</table>
<h2>权力</h2><ul>{% for p in powers %}<li><a href="/powers/{{ p.0 }}">{{ p.1 }}</a> {{ p.2 }} {{ p.3 }}步</li>
{% endfor %}</ul></body></html>"""
)


def rendered(request, unit_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM revisions WHERE kind = 'unit' AND subject_id = %s AND state = 'published'", [unit_id])
        unit = json.loads(cursor.fetchone()[0])
        cursor.execute(
            "SELECT c.id, c.name, q.title, a.duties FROM appointments a JOIN cadres c ON c.id = a.cadre_id "
            "JOIN posts q ON q.id = a.post_id WHERE q.unit_id = %s AND a.until IS NULL ORDER BY a.id", [unit_id])
        cadres = cursor.fetchall()
        cursor.execute(
            "SELECT id, name, kind, step_count FROM powers WHERE unit_id = %s AND disclosed ORDER BY id", [unit_id])
        powers = cursor.fetchall()
    duties = (unit.get("duties") or "").splitlines()
    return HttpResponse(TEMPLATE.render({"unit": unit, "duties": duties, "cadres": cadres, "powers": powers}))


kept = cache_page(30)(rendered)
urlpatterns = [path("rendered/<int:unit_id>", rendered), path("kept/<int:unit_id>", kept)]
application = get_wsgi_application()
