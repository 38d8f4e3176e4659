"""Every way by which something may leave the house, and what it does with a classified document.

The ways are read from the code: addresses of pages with their audience, endpoints from the description machines read, promises
and the timetable. One that is not stated here fails `tests/house/test_exits.py`.
"""

from __future__ import annotations

from enum import Enum

from antin.api.urls import api
from antin.jobs import handlers, timetable
from antin.outbox import operations as outbox
from antin.web.audiences import AUDIENCES, SIGNED_IN


class Says(Enum):
    """What a way out does with a classified document."""

    APART = "it is about no document"
    MASKED = "it shows the mask, number and level, and keeps words sealed"
    CLOSED = "it handles clear bytes, and is closed"
    OPENED = "it gives words in the answer to a reader's own PIN, or keys of his device"
    SEALED = "it gives sealed bytes, or locks"
    MADE = "something is made of it, not below its level"


APART, MASKED, CLOSED, OPENED, SEALED, MADE = Says

_PAGES = {
    APART: """prove factor-app factor-confirm factor-key factor-codes factor-remove device-forget emergencies emergency-open
        emergency-end emergency-review sign-out switch-post me change-password sign-out-others token-create token-revoke pin-change
        certificate-lost device-take device-decline device-lost certificate-ask encryption-make encryption-carry-over recovery
        recovery-establish period-reports period-report-new period-report period-report-check
        programmes programme-new programme programme-part programme-version programme-write programme-entry
        programme-remove programme-act programme-reach figures figure figure-owner figure-close figure-formula verify verify-record
        forms-to-fill form-fill
        draft-recipients recipient-lists recipient-list-make recipient-list-change recipient-list-drop
        work-groups work-group-make work-group-change work-group-drop
        paper-receive paper-page paper-sealed scans scans-sheet scanned-paper scanned-paper-page
        scanned-paper-drop scanned-paper-back search-columns search-save search-forget registers-proof registers-numbers
        registers-columns number-reserve number-insert number-release own-file own-file-fetch own-file-forget own-file-prepare
        own-files directory own-phone old-books old-book-template old-book old-book-check old-book-explain old-book-start
        old-book-drop old-book-undo old-book-export old-book-print old-book-moved
        agenda agenda-print agenda-publish agenda-new agenda-change agenda-act agenda-answer agenda-present
        agenda-paper agenda-paper-remove agenda-conclude agenda-invitation venues venue-new venue-close feed-make feed-revoke
        estate estate-unprotected estate-unit estate-add estate-software estate-check estate-thing
        estate-change finding-give finding-settle estate-norm estate-imports estate-table estate-import""",
    MASKED: """overview overview-work figure-contest contests contest contest-act
        desk secrets secrets-search secret secret-open secret-add-reader secret-remove-reader secret-seal-again
        secret-change-level secret-extend secret-declassify secret-give-copy secret-return-copy secret-destroy-copy secret-destroy
        secret-minutes recovery-ask recovery-half recovery-recover recovery-withdraw notices notices-read-all notice-open tasks
        direct task task-act task-split task-noted task-pass-down task-report task-hand-in task-accept task-send-back task-note
        task-cancel draft-answers incoming incoming-one outgoing outgoing-one drafts drafts-one document search search-export
        document-way document-sight
        document-endorse document-submit document-return document-withdraw document-abandon document-sign sign-many
        answers answers-urge answer-urge answer-waive act-many act-batch act-batch-halt act-batch-go-on
        sign-many-prepare signing-batch-prepare signing-batch document-number document-seal document-register document-send-back
        document-present document-close outgoing-board delivery-urge delivery-resend delivery-settle board-urge registers
        registers-export registers-print posting-postmark copy-back document-post document-change change-again change-answer
        document-file-under
        document-lend document-number-reserved review review-call review-close review-decide reviews document-sign-prepare
        document-seal-prepare series series-end series-exception series-many series-new document-opinions
        drafting-file drafting-file-keep form-refill
        opinions-ask opinions-close opinions-urge opinion-answer opinion-settle opinion-urge document-permit document-drop
        document-hand-out hand-overs hand-over hand-over-fix hand-over-withdraw hand-over-file hand-over-secrets agenda-entry
        agenda-give
        draft-together draft-hold draft-invite draft-end""",
    CLOSED: """task-file document-page document-file document-print document-judge document-verification
        document-verification-record document-sentences document-stamp draft-preview draft-template draft-page
        document-comments comment-new comment-reply comment-resolve document-copy agenda-paper-add
        own-copy-begin own-copy own-copy-merge own-copy-drop draft-edition""",
    OPENED: "document-open document-unseal draft-edit",
    SEALED: "secret-locks secret-sealed secrets-search-lists encryption-locks recovery-locks",
    MADE: "draft-new task-new agenda-notice",
}
_ENDPOINTS = {
    APART: """whoami listSearches saveSearch forgetSearch verifyFile receivePaper receiveSecretPaper checkPaper listFigures
        checkReport bindProgramme
        getCodeList addCodeListEntry importCodeList listCodeListChanges changeCodeListEntry endCodeListEntry
        takeCodeListChangeBack getBeginning listTypeTexts writeTypeText publishTypeText takeTypeTextBack
        listStampPictures setStampPicture listSignaturePictures setSignaturePicture takePictureBack
        listForms getForm makeForm writeForm publishForm closeForm fillForm
        listMandates giveMandate endMandate listBodies foundBody closeBody seatInBody unseatFromBody
        getFigureDelay getFigureTable getOverview draftReport getReport
        getFigureDictionary setFigureOwner listProgrammes beginProgramme getProgramme writeProgramme submitProgramme
        approveProgramme sendProgrammeBack reviseProgramme dropProgrammeVersion endProgramme entrustProgramme reachMilestone
        listSeries listNumbers reserveNumber insertNumber
        getUnit openUnit renameUnit describeUnit moveUnit closeUnit splitUnit
        listUnitPosts openPost getPost describePost closePost appoint
        endAppointment listPersons addPerson newPassword clearPerson letPersonGo listDelegations delegate revokeDelegation
        listSubstitutions substitute
        endSubstitution listBooks listAgencySeries setBook closeBook listCalendarDays setCalendarDay swapCalendarDays
        clearCalendarDay
        releaseNumber listUnits listPosts listSigners listCorrespondents enterCorrespondent describeCorrespondent closeCorrespondent
        listRecipientLists makeRecipientList changeRecipientList dropRecipientList
        listWorkGroups makeWorkGroup changeWorkGroup dropWorkGroup
        listLines setUpLine changeLine openLine shutLine testLine takeDirectory listParcels retryParcel dropParcel
        changeNode compareNode confirmNode expelNode exportBundle getNode getOperation importOrganisation inviteNode joinNodes
        listAside listInvitations listNodes listRejected lookBundle nameNode retryAside retryPromise takeAnswer takeBundle testNode
        withdrawInvitation listBookMoves getBookMove lookAtBooks closeBooks takeBooks giveBooksBack reopenBooks openBooksWithout
        listMovedRegisters beginMovedBook getFileSignature listSignedFiles signFile prepareFileSignature takeFileSignature
        givePhone listDirectory ownCertificates changePin lookAhead
        listSecretReaders listRecoveryStates establishRecovery listOwnEncryption makeEncryption carryOver listRecurringWork
        getAgendaWeek proposeAgendaEntry publishAgendaWeek changeAgendaEntry stepAgendaEntry answerInvitation countPresent
        listEstate listUnprotected findThings addThing getThing changeThing importInventory setSoftware setProtectionNorm
        listFindings noteCheck giveFinding settleFinding
        removeMeetingPaper concludeMeeting listVenues addVenue closeVenue makeCalendarFeed revokeCalendarFeed
        bringBackScannedPaper confirmScannedPaper dropScannedPaper listOldBooks sendOldBook sendSecretOldBook getOldBook
        listOldLines checkOldBook explainOldBook startOldBook dropOldBook undoOldBook getScan getScannedPaper
        listScannedPapers sendScan""",
    MASKED: """listContests contestFigure getContest agreeToContest refuseContest takeContestBack withdrawContest
        listDocuments listSight getWay search listWaiting getDocument getTimeline getDeliveries setRecipients submit endorse
        return sign number seal register sendBack present close direct urge resend attach detach withdraw abandon listTasks getTask
        passDown reportProgress handIn attachResult listResults accept
        sendWorkBack note getTaskTree takeWork declineWork insistOnWork handOverWork askExtension
        decideExtension pauseWork resumeWork sayOfWork cancelWork askChange listChanges getAsked askChangeAgain answerChange
        postByMail lendCopy listSecrets searchSecrets getSecret listReadings addReader getLeftWith removeReader sealAgainFor
        changeLevel extendTerm declassify listCopies giveCopy returnCopy destroyCopy getMinutes destroySecret getRecovery
        askRecovery giveRecoveryHalf recover withdrawRecovery dropPage
        prepareSeal takeSeal beginSeries endReminder endSeries exceptOccurrence getSeries listReminders setReminder
        listAnswers urgeAnswer urgeManyAnswers waiveAnswer actOnMany getBatch listBatches haltBatch resumeBatch
        prepareSignature takeSignature getDraftingFile keepDraftingFile getFilledForm refillForm
        listOpinions askOpinions closeOpinions urgeLateOpinions urgeOpinion
        listHandOvers beginHandOver getHandOver fixHandOver reopenHandOver signHandOver passSecretsOver withdrawHandOver
        giveOpinion settleOpinion listCopiesOf permitCopy dropCopy handOutCopy callReview closeReview decideAtReview getReview
        listReviews getAgendaEntry giveConclusion
        getFiling fileDocument getTogether holdDraft inviteDrafter endDrafter""",
    CLOSED: """getFile getResult verifyDocument setPage getTemplate checkDraft stampArrival listComments
        comment replyToComment resolveComment reopenComment askCopy addMeetingPaper
        keepOwnCopy saveOwnCopy lookAtMerge mergeOwnCopy returnOwnCopy dropOwnCopy bringBackEdition""",
    OPENED: "openDocument unseal",
    SEALED: "lockElsewhere lockOld lockHalves giveSealed giveWordLists",
    MADE: "createDraft saveDraft giveWork draftConclusionNotice",
}
_JOBS = {
    APART: """seal_journal retry_stalled_jobs redefer_orphans refresh_revocation_lists try_responders_again keep_watch_of_proofs
        release_reserved_numbers watch_keys tell_alarms forget_attempts forget_sessions remove_old_jobs publish_directory
        set_broken_parcels_aside sweep_pieces sweep_files forget_unsigned_files part_scan recognise read_paper take_in take_parcel
        run_rounds answer_books""",
    MASKED: """answer carry_change tell_secrecy send_urging deliver
        count_figures give_memory give_recurring_work reckon_deadlines remind
        take_old_book end_terms_of_secrets hand_over send_books""",
    CLOSED: "act_on_many complete_proof conclude_signing finish_batch_item lay_out print_copy renew_proofs seal",
}


def _stated(table: dict[Says, str]) -> dict[str, Says]:
    return {name: says for says, names in table.items() for name in names.split()}


PAGES, ENDPOINTS, JOBS = _stated(_PAGES), _stated(_ENDPOINTS), _stated(_JOBS)


def pages() -> set[str]:
    """Pages of whoever is signed in. What is public or of administrators is about no document: the rooms show them none."""
    return {name for name, audience in AUDIENCES.items() if audience is SIGNED_IN}


def endpoints() -> dict[str, tuple[str, str]]:
    """Every endpoint by its name: method and path."""
    return {
        operation["operationId"]: (method, path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def jobs() -> set[str]:
    """Promises that have a handler, and what runs by the clock."""
    assert handlers
    return set(outbox.kept_names()) | {row.name for row in timetable.TIMETABLE}
