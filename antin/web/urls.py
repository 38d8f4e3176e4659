"""Every page address. Who may open each is declared in `audiences.py`; an undeclared one is refused."""

from django.urls import URLPattern, URLResolver, include, path

from antin.web import directory
from antin.web.desk import views as desk
from antin.web.figures import views as figures
from antin.web.gallery import views as gallery
from antin.web.notices import views as notices
from antin.web.programmes import reviews
from antin.web.programmes import views as programmes
from antin.web.programmes import writing as planning
from antin.web.session import account, custody, emergencies, factors, proving
from antin.web.session import views as session
from antin.web.tasks import series, work
from antin.web.tasks import views as tasks
from antin.web.tasks import work
from antin.web.verifying import own_files
from antin.web.verifying import views as verifying

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.desk, name="desk"),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-in/second", proving.second, name="sign-in-second"),
    path("sign-in/certificate", session.sign_in_by_certificate, name="sign-in-certificate"),
    path("prove", proving.prove, name="prove"),
    path("sign-out", session.sign_out, name="sign-out"),
    path("post", session.switch_post, name="switch-post"),
    path("language", session.choose_language, name="language"),
    path("me", account.me, name="me"),
    path("me/password", account.change_password, name="change-password"),
    path("me/sign-out-others", account.sign_out_others, name="sign-out-others"),
    path("me/tokens/create", account.create_token, name="token-create"),
    path("me/tokens/<int:token_id>/revoke", account.revoke_token, name="token-revoke"),
    path("me/certificates/<int:certificate_id>/pin", account.change_pin, name="pin-change"),
    path("me/certificates/<int:certificate_id>/lost", account.report_lost, name="certificate-lost"),
    path("me/factors/app", factors.begin_app, name="factor-app"),
    path("me/factors/<int:factor_id>/confirm", factors.confirm_app, name="factor-confirm"),
    path("me/factors/key", factors.add_key, name="factor-key"),
    path("me/factors/codes", factors.make_codes, name="factor-codes"),
    path("me/factors/<int:factor_id>/remove", factors.remove, name="factor-remove"),
    path("me/devices/<int:device_id>/forget", factors.forget_device, name="device-forget"),
    path("emergencies", emergencies.show, name="emergencies"),
    path("emergencies/open", emergencies.open_one, name="emergency-open"),
    path("emergencies/<int:emergency_id>/end", emergencies.end, name="emergency-end"),
    path("emergencies/<int:emergency_id>/review", emergencies.review, name="emergency-review"),
    path("me/custody/<int:hand_over_id>/take", custody.take, name="device-take"),
    path("me/custody/<int:hand_over_id>/decline", custody.decline, name="device-decline"),
    path("me/certificates/<int:certificate_id>/device-lost", custody.lost, name="device-lost"),
    path("me/certificates/request", custody.ask_for_certificate, name="certificate-ask"),
    path("setup", session.set_up, name="set-up"),
    path("notices", notices.notices, name="notices"),
    path("notices/read-all", notices.read_all, name="notices-read-all"),
    path("notices/<int:notice_id>", notices.open_notice, name="notice-open"),
    path("tasks", tasks.tasks, name="tasks"),
    path("tasks/new", work.new, name="task-new"),
    path("tasks/<int:task_id>", work.task, name="task"),
    path("tasks/<int:task_id>/acts/<slug:name>", work.act, name="task-act"),
    path("tasks/<int:task_id>/split", work.split, name="task-split"),
    path("tasks/<int:task_id>/noted", work.note, name="task-noted"),
    path("documents/<int:document_id>/sentences", work.sentences, name="document-sentences"),
    path("documents/<int:document_id>/direct", tasks.direct, name="direct"),
    path("tasks/<int:task_id>/pass-down", tasks.pass_down, name="task-pass-down"),
    path("tasks/<int:task_id>/report", tasks.report, name="task-report"),
    path("tasks/<int:task_id>/hand-in", tasks.hand_in, name="task-hand-in"),
    path("tasks/<int:task_id>/accept", tasks.accept, name="task-accept"),
    path("tasks/<int:task_id>/send-back", tasks.send_back, name="task-send-back"),
    path("tasks/<int:task_id>/note", tasks.note, name="task-note"),
    path("tasks/<int:task_id>/cancel", tasks.cancel, name="task-cancel"),
    path("tasks/<int:task_id>/files/<int:file_id>", tasks.result_file, name="task-file"),
    path("programmes", programmes.programmes, name="programmes"),
    path("programmes/new", planning.new, name="programme-new"),
    path("programmes/<int:programme_id>", programmes.programme, name="programme"),
    path("programmes/<int:programme_id>/parts/<slug:key>", programmes.part, name="programme-part"),
    path("programmes/<int:programme_id>/versions/<int:number>", programmes.version, name="programme-version"),
    path("programmes/<int:programme_id>/write", planning.write, name="programme-write"),
    path("programmes/<int:programme_id>/entries/<slug:kind>/<slug:key>", planning.entry, name="programme-entry"),
    path("programmes/<int:programme_id>/remove/<slug:key>", planning.remove, name="programme-remove"),
    path("programmes/<int:programme_id>/acts/<slug:name>", planning.act, name="programme-act"),
    path("programmes/<int:programme_id>/milestones/<slug:key>", planning.reach, name="programme-reach"),
    path("series", series.many, name="series-many"),
    path("series/new", series.new, name="series-new"),
    path("series/<int:series_id>", series.one, name="series"),
    path("series/<int:series_id>/exceptions/<str:day>", series.exception, name="series-exception"),
    path("series/<int:series_id>/end", series.end, name="series-end"),
    path("reviews", reviews.reviews, name="reviews"),
    path("reviews/call", reviews.call, name="review-call"),
    path("reviews/<int:review_id>", reviews.review, name="review"),
    path("reviews/<int:review_id>/decide", reviews.decide, name="review-decide"),
    path("reviews/<int:review_id>/close", reviews.close, name="review-close"),
    path("figures", figures.figures, name="figures"),
    path("figures/<slug:code>", figures.figure, name="figure"),
    path("figures/<slug:code>/close", figures.close, name="figure-close"),
    path("figures/<slug:code>/formula", figures.formula, name="figure-formula"),
    path("directory", directory.show, name="directory"),
    path("me/phone", directory.own_phone, name="own-phone"),
    path("verify", verifying.verify, name="verify"),
    path("verify/record", verifying.record, name="verify-record"),
    path("verify/sign", own_files.bring, name="own-files"),
    path("verify/sign/<int:file_id>", own_files.sign, name="own-file"),
    path("verify/sign/<int:file_id>/prepare", own_files.prepare, name="own-file-prepare"),
    path("verify/sign/<int:file_id>/forget", own_files.forget, name="own-file-forget"),
    path("verify/sign/<int:file_id>/<slug:which>", own_files.fetch, name="own-file-fetch"),
    path("gallery", gallery.show, name="gallery"),
    path("", include("antin.web.documents.urls")),
    path("", include("antin.web.intake.urls")),
    path("", include("antin.web.registers.urls")),
    path("", include("antin.web.drafting.urls")),
    path("", include("antin.web.administration.urls")),
    path("", include("antin.web.vault.urls")),
]
