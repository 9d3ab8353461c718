"""Peer of the public page: the same rows of a unit as the same page, written the way Django is written (models,
template inheritance), with and without cache_page."""
import json
import os

import django
from django.conf import settings

BASE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{% block title %}{% endblock %} - {{ site }}阳光监督</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="{{ description }}">
<link rel="canonical" href="{{ base }}{{ path }}"><link rel="stylesheet" href="/assets/app.css">
<script type="module" src="/assets/app.js"></script></head><body class="portal">
<a class="skip" href="#main">跳到主要内容</a><header class="masthead"><div class="wrap masthead-row"><a class="brand" href="/">
<span class="brand-place">{{ site }}</span><span class="brand-name">阳光监督</span></a><form class="elder-switch" method="post"
action="/elder"><input type="hidden" name="on" value="1"><input type="hidden" name="back" value="{{ path }}"><button>长辈版</button></form>
</div></header><nav class="nav" aria-label="主导航"><ul>{% for label, href in nav %}<li><a href="{{ href }}"
{% if href == section %} aria-current="page"{% endif %}>{{ label }}</a></li>{% endfor %}</ul></nav><div class="frame wrap">
<nav class="crumbs"><ol>{% for label, href in crumbs %}<li>{% if href %}<a href="{{ href }}">{{ label }}</a>{% else %}<span>{{ label }}</span>
{% endif %}</li>{% endfor %}</ol></nav><main id="main" tabindex="-1">{% block main %}{% endblock %}</main></div>
<footer class="colophon"><p>{{ site }}阳光监督</p><p>把权力清单、办事过程和结果放到阳光下，人人可以查看、评价、反映。反映人的身份受到保护。</p>
<ul>{% for label, href in foot %}<li><a href="{{ href }}">{{ label }}</a></li>{% endfor %}</ul></footer></body></html>"""
PAGE = """{% extends "base.html" %}{% block title %}{{ unit.name }}{% endblock %}{% block main %}<div class="heading">
<p class="kicker">{{ kind }} · {{ place }}</p><h1>{{ unit.name }}</h1></div><p class="stamp">信息更新于{{ updated }}</p>
<nav class="tabs" aria-label="{{ unit.name }}的公开内容"><ul>{% for label, field, count in tabs %}<li><a href="{{ path }}{{ field }}">{{ label }}
{% if count is not None %}<span class="count">{{ count }}</span>{% endif %}</a></li>{% endfor %}</ul></nav><div class="split"><div>
<section class="section"><h2>主要职责</h2><ul class="lines">{% for line in duties %}<li>{{ line }}</li>{% endfor %}</ul></section>
<section class="section" id="contact"><h2>该找谁</h2><dl class="facts"><div><dt>联系电话</dt><dd><a href="tel:{{ content.phone }}">{{ content.phone }}</a>
</dd></div><div><dt>办公地址</dt><dd>{{ content.address }}</dd></div><div><dt>办公时间</dt><dd>{{ content.office_hours }}</dd></div></dl>
<div class="table-wrap"><table class="table" role="table"><caption>谁管什么</caption><thead role="rowgroup"><tr role="row"><th scope="col"
role="columnheader">姓名</th><th scope="col" role="columnheader">职务</th><th scope="col" role="columnheader">管什么</th></tr></thead>
<tbody role="rowgroup">{% for a in people %}<tr role="row"><th scope="row" role="rowheader"><a href="/cadres/{{ a.cadre.id }}">{{ a.cadre.name }}
</a></th><td role="cell" data-label="职务">{{ a.post.title }}</td><td role="cell" data-label="管什么">{{ a.duties|default:"" }}</td></tr>
{% endfor %}</tbody></table></div></section></div><div>{% if missing %}<p class="missing">{{ missing }}项权力不完整。</p>{% endif %}
{% if flagged %}<p class="stamp">有{{ flagged }}处资料不合规范或有疑问，正等单位核对补充。</p>{% endif %}<figure class="qr"><img
src="{{ path }}/qr.svg" width="148" height="148" loading="lazy" alt="二维码：扫一扫，在手机上打开本页"><figcaption><b>扫一扫，在手机上打开本页</b>
<span class="qr-address">{{ base }}{{ path }}</span></figcaption></figure><ul class="ways"><li><a href="{{ path }}/sheet">打印张贴用的二维码</a></li>
<li><a href="{{ path }}/history">公布记录：改过什么</a></li><li><a href="/api/v1{{ path }}">机器可读的数据（JSON）</a></li></ul><details><summary>看它以前的样子
</summary>{{ form }}</details></div></div>{% endblock %}"""

settings.configure(
    DEBUG=False,
    SECRET_KEY="bench only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=False,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DAYLIGHT_DB"],
            "CONN_MAX_AGE": None,
        }
    },
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"base.html": BASE, "page.html": PAGE})],
                    )
                ]
            },
        }
    ],
)
django.setup()

from django import forms  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.shortcuts import get_object_or_404, render  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.cache import cache_page  # noqa: E402


class Row(models.Model):
    class Meta:
        abstract = True
        app_label = "peer"
        managed = False


class Division(Row):
    name = models.TextField()
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta(Row.Meta):
        db_table = "divisions"


class Unit(Row):
    name = models.TextField()
    category = models.TextField()
    path = models.TextField()
    flags = models.TextField()
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    division = models.ForeignKey(Division, models.CASCADE, null=True)
    updated_at = models.BigIntegerField()

    class Meta(Row.Meta):
        db_table = "units"


class Power(Row):
    unit = models.ForeignKey(Unit, models.CASCADE)
    disclosed = models.BooleanField()
    flags = models.TextField()

    class Meta(Row.Meta):
        db_table = "powers"


class Post(Row):
    unit = models.ForeignKey(Unit, models.CASCADE)
    title = models.TextField()

    class Meta(Row.Meta):
        db_table = "posts"


class Cadre(Row):
    name = models.TextField()

    class Meta(Row.Meta):
        db_table = "cadres"


class Appointment(Row):
    cadre = models.ForeignKey(Cadre, models.CASCADE)
    post = models.ForeignKey(Post, models.CASCADE)
    until = models.TextField(null=True)
    duties = models.TextField(null=True)

    class Meta(Row.Meta):
        db_table = "appointments"


class Revision(Row):
    kind = models.TextField()
    subject_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    state = models.TextField()
    content = models.TextField()

    class Meta(Row.Meta):
        db_table = "revisions"


class PastForm(forms.Form):
    on = forms.CharField(label="看哪一天的内容", max_length=20, help_text="年-月-日，例如 2026-03-15")


NAV = [("首页", "/"), ("单位", "/units"), ("权力事项", "/powers"), ("干部", "/cadres"), ("区划", "/divisions"), ("使用帮助", "/help")]
FOOT = [("关于本平台", "/about"), ("数据下载", "/data"), ("开放接口", "/api"), ("无障碍说明", "/accessibility")]


def rendered(request, unit_id):
    unit = get_object_or_404(Unit.objects.select_related("parent", "division__parent"), id=unit_id)
    published = Revision.objects.filter(state="published")
    content = json.loads(published.get(kind="unit", subject_id=unit_id).content)
    disclosed = set(Power.objects.filter(unit=unit, disclosed=True).values_list("id", flat=True))
    powers = [json.loads(r.content) for r in published.filter(kind="power", unit_id=unit_id) if r.subject_id in disclosed]
    people = list(
        Appointment.objects.filter(post__unit=unit, until=None).select_related("cadre", "post").order_by("id")
    )
    flagged = Power.objects.filter(unit=unit).exclude(flags="").exclude(flags="[]").count()
    below = list(Unit.objects.filter(parent=unit)[:20])
    above = Unit.objects.filter(id__in=[int(part) for part in unit.path.split("/") if part]).count()
    lacks = Q(content__contains='"bases":[]') | Q(content__contains='"steps":[]')
    missing = published.filter(lacks, kind="power", unit_id=unit_id).count()
    division = unit.division
    crumbs = [("首页", "/"), ("单位", "/units")]
    if division and division.parent:
        crumbs.append((division.parent.name, f"/divisions/{division.parent.id}"))
    if division:
        crumbs.append((division.name, f"/divisions/{division.id}"))
    crumbs.append((unit.name, None))
    duties = (content.get("duties") or "").splitlines()
    tabs = [("主要职责", "", None), ("权力构架", "?panel=structure", len(below) + above), ("权力监督", "?panel=powers", len(powers))]
    tabs += [("干部监督", "?panel=cadres", len(people)), ("网络举报", "?panel=reports", None)]
    page = {
        "site": "安澜县", "base": "http://127.0.0.1", "path": f"/units/{unit.id}", "section": "/units", "nav": NAV, "foot": FOOT,
        "unit": unit, "content": content, "crumbs": crumbs, "tabs": tabs, "people": people, "duties": duties, "missing": missing,
        "flagged": flagged, "kind": unit.category, "place": division.name if division else "", "updated": unit.updated_at,
        "description": duties[0] if duties else "", "form": PastForm(),
    }  # fmt: skip
    return render(request, "page.html", page)


kept = cache_page(30)(rendered)
urlpatterns = [path("rendered/<int:unit_id>", rendered), path("kept/<int:unit_id>", kept)]
application = get_wsgi_application()
