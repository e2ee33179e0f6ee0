# What people see, in English. Short and plain: one question at a time, a thought in at most 160 characters.
# Values in { } are filled in; a translation may move them, and must keep them all.

list-separator = { " · " }
list-and = { $first } and { $last }
list-comma = { $first }, { $last }
clock-today = today { $time }
clock-yesterday = yesterday { $time }
clock-date = { $weekday ->
        [1] Mon
        [2] Tue
        [3] Wed
        [4] Thu
        [5] Fri
        [6] Sat
       *[7] Sun
    } { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    } { $time }
unknown-text = There is news on your report. Send /reports to see it.

## In danger

danger = In danger? Call { $emergency }. Can't speak? Ring { $emergency } from a mobile, stay silent, press 55 when asked.

## What people type instead of pressing, in any of these ways

typed-yes = yes|yeah|yep|yes please|ok|okay|sure|y
typed-no = no|nope|no thanks|no thank you|nah|n|none|nothing
typed-skip = skip|none|nothing|no idea|don't know|not sure
typed-small-talk = hi|hello|hey|thanks|thank|you|cheers|ok|okay|yes|yeah|no|good|morning|afternoon|evening|bye|great|fine
typed-report = report|new report|report now
typed-reports = reports|my reports
typed-help = help|how it works
typed-privacy = privacy
typed-discard = discard | cancel | stop | cancel it | stop it | forget it
typed-menu = menu|start

## Joining

join-welcome = Welcome. This phone will report for { $business }, { $address }.
join-who = { $who }
join-privacy = How we look after your data: /privacy
option-join-yes = Join
option-join-no = Not now
join-not-now = No problem. Scan the poster again when you want to join.
join-first = Please join first, then send it again.
join-name = A first name or initials, so the BID can remove this phone if you leave? Only the BID sees it.
option-join-skip = Skip
option-join-shop = It's the shop's phone
join-in = You're in. When you see something, send a photo, your location or a few words.
join-in-short = You're in.
join-already = This phone already reports for { $business }. When you see something, send a photo, your location or a few words.
join-move = This phone reports for { $old }. Move it to { $new }?
option-join-move = Move it
option-join-stay = Stay
join-stay = This phone stays with { $business }.
code-wrong = That code doesn't work any more. Ask your manager for the current poster, or the BID: { $bid }.
code-pause = That's ten codes that don't work. Please wait an hour, or ask your manager for the current poster.
stranger = { $short }: shop staff report here. To join, send the code on your staff-room poster.
stranger-police = Police otherwise: { $non_urgent }.
stranger-about-you = If a report may be about you: { $address }. Requests about you are answered by the BID within one month.
still-ask = Still working at { $business }?
still-first = Please answer this first, then send it again.
still-yes = Thank you. Carry on as before.
option-still-yes = Yes
option-still-no = I've left

## Starting

option-menu-report = Report now
option-menu-help = How it works
option-menu-on = Carry on
option-menu-deaf = Can't hear or speak
option-menu-bid = Ask the BID
menu = You report for { $business }. When you see something, send a photo, your location or a few words.
nothing-open = Nothing is open. To report, send a photo, your location or a few words.
nothing-open-stranger = Nothing is open. To join, send the code on your staff-room poster.
small-talk = When you see something, send a photo, your location or a few words.
command-unknown = I don't know that one. /help says what I can do.
unreadable = I can't read that. Please send words, a photo or a pin.
words-please = Please write it in words.

## The report's questions

category-ask = What have you seen?
category-guess = Looks like { INSIDE($kind) }?
option-category-page-0 = Something else
option-category-more = More…
advice = { $advice }
place-ask = Where is it? You can also type a street or place.
place-near = Where? Near { $place }? You can also type a street or place.
place-placeholder = Street or place
option-place-shop = At our shop
option-place-pin = Send my location
place-pin-help = This app can't share your location here. Type the street or place, or tap the paperclip, then Location.
place-pin-echo = By { $place }.
place-far-echo = { $distance } from { $place }.
place-known-echo = { $place }.
place-shop-echo = At your shop.
place-typed-echo = Place: { $place }.
place-closed = All right.
place-pin-name = by { $place }
place-far-name = { $distance } from { $place }
place-known-name = { $place }
place-shop-name = at our shop
place-shop-hidden = your street or the town centre
place-typed-name = { $place }
which-ask = Which one do you mean?
which-end-ask = { $place } is long. Which end?
did-you-mean-ask = Did you mean one of these by "{ $words }"?
option-did_you_mean-none = None of these
outside-ask = That is { $distance } outside the town centre. Send it anyway?
option-outside-send = Send it anyway
option-outside-change = Another place
photo-ask = Add a photo? Up to { $most }.
option-photo-none = No photo
photo-got = Got it.
recording-got = Got it. The officers can play or open it with the report.
photo-enough = A report holds { $most }. I kept the first { $most }.
photo-shows = Please don't photograph people. Does it show only the place?
option-shows-place = Only the place
option-shows-remove = Remove it
photo-removed = Removed here. Please delete it from your phone too.
photo-police = Keep pictures and CCTV for the police. Don't send them here.
photo-police-removed = Keep pictures and CCTV for the police. Yours is removed here.
photo-police-later = Keep pictures and CCTV for the police. Yours is removed when you send this.
photo-removed-later = It is removed when you send this. Please delete it from your phone too.
photo-under18 = No photos here, please: they look under 18. Please delete it from your phone too.
photo-not-people = Please don't send photos of people. It was not kept. Please delete it from your phone too.
words-ask = Anything that helps find or fix it?
words-people = What did you see happen? No names, and no guesses about people.
option-words-skip = Skip
option-words-photo = Another photo
words-photo = Send it now.
report-full = { $reference } holds no more words. Please make a new report.
words-full = That is as much as a report holds. I kept the first part.
kept-words = Kept that with the report.
question = { $question }
option-answer-skip = Skip
under18-ask = Do they look under 18?
option-under18-yes = Yes
option-under18-no = No
option-under18-unsure = Not sure
under18-yes = No photos, please. Worried about them? Children's services: { $children }. In danger: { $emergency }. Otherwise police: { $non_urgent }.
shopwords-ask = Your words say "{ $words }".
option-shopwords-out = Take it out
option-shopwords-leave = Leave it
when-ask = When was it?
option-when-hour = In the last hour
option-when-today = Earlier today
option-when-before = Before
when-hour = in the last hour
when-today = earlier today
when-before = before today
photo-facts-ask = The photo says: { $facts }. Use that?
option-photo_facts-use = Use it
option-photo_facts-no = No

## The card

card = { $facts }
card-words = "{ $words }"
card-photos = { $count ->
        [one] 1 photo
       *[other] { $count } photos
    }
card-recordings = { $count ->
        [one] 1 recording or file
       *[other] { $count } recordings or files
    }
card-shop-named = Shop named: { $shop }. To keep it out: Change.
card-name-out = Shop not named.
option-card-send = Send
option-card-change = Change
option-card-discard = Discard
change-ask = What would you like to change?
option-change-category = What it is
option-change-place = Place
option-change-photo = Photos
option-change-words = Words
option-change-answer = The extra question
option-change-when = Time
option-change-name_out = Keep our shop's name out
option-change-name_in = Name our shop
option-change-back = Back

## The end of a draft

discarded = Discarded.
discarded-offer = You can bring it back for ten minutes.
discarded-old = The old one is discarded.
option-discarded-back = Bring it back
brought-back = Here it is again.
nothing-to-discard = There is nothing to discard.
draft-name = { INSIDE($kind) }, { $time }
draft-name-no-kind = begun { $time }
carry-on-ask = You have an unsent report: { $draft }.
option-carry_on-on = Carry on
option-carry_on-new = New report
nudge = Your report isn't sent yet: { $draft }.
option-nudge-on = Carry on
option-nudge-discard = Discard
draft-gone = A report that you didn't send is deleted, as it is a day old: { $draft }.
held-gone = What waited to be added or sent is deleted after a day.
held-full = That's a lot at once. Please answer this first, then send the rest again.
edited-draft = Changed.
old-button = That button is from earlier.
not-yet = Please answer this first.
finish-first = Please finish this first.
suspended = The membership of { $business } is paused, so this can't be sent. Ask your manager or the BID: { $bid }. You can still tell the council: { $council }, or { $non_urgent }. We keep it for 24 hours.

## After Send

filed = Saved: { $reference }. On its way to { $recipients }. They read reports { $hours }.
filed-any-hour = Saved: { $reference }. On its way to { $recipients }.
filed-plain = Saved: { $reference }.
filed-test = Saved: { $reference }. Not live yet: only the BID sees this. If it matters now: { $non_urgent } or { $council }.
filed-cannot-wait = If it can't wait: { $non_urgent }.
filed-no-crime-report = This is not a crime report. For a crime number: { $non_urgent } or police online.
option-sent-add = Add to it
option-sent-kind = Change kind
option-sent-back = Take it back
option-sent-note = Add a note
option-sent-again = Same again
option-again-of = Same again: { $reference }
option-add = Add to { $reference }
option-add_or_new-new = New report
add-or-new-ask = Does this belong to { $reference }?
writing-add = Send the words or the photo for { $reference }.
writing-complaint = What went wrong with how we look after data? Write it in one message.
option-writing-stop = Never mind
writing-stopped = All right.
added = Added to { $reference }.
edited-sent = Your change is added to { $reference }.
sent-already = { $reference } is already sent.
kind-changed = { $reference } is now: { INSIDE($kind) }. Everyone who has it will be told.
again-echo = { $facts }.
change-kind-left = { $reference } stays as it is.
withdrawn = Taken back. We've told { $owner } and erased your words and photos here. Their copy of the mail may stay.
withdrawn-test = Taken back: { $reference }. Your words and photos are erased here.
withdrawn-already = { $reference } is taken back.
refused-acted = The council has acted on this, so it stays. Tell them why?
refused-late = A report can be taken back for 24 hours. This one stays. Tell them why?
refused-gone = { $reference } isn't there any more. /reports shows the others.
late = { $reference } hasn't reached { $owner } yet. We keep trying and have told the BID. If it can't wait: { $non_urgent }.
fetch-too-big = That file is over 20 MB, so it couldn't be kept. Please send it as a photo.
fetch-not-a-picture = That file isn't a picture I can open, so it wasn't kept. Please send a photo.
fetch-bomb = That picture is too large to open, so it wasn't kept. Please send it as a photo.
fetch-gone = That photo is no longer there, so it wasn't kept. Please send it again.

## Lists

reports-mine = Your latest reports:
reports-shop = Your shop's latest reports:
reports-none-mine = No reports from this phone yet.
reports-none-shop = No reports from your shop yet.
option-reports-mine = Mine
option-reports-phone = This phone
option-reports-shop = Our shop's
report-line = { $facts }
status-on-its-way = on its way
status-delivered = delivered { $time }
status-withdrawn = taken back
status-test = test, only the BID saw it
status-open = sent
status-investigating = they have it
status-in-progress = being dealt with
status-planned = booked
status-action-scheduled = booked
status-fixed = closed: done
status-closed = closed
status-duplicate = closed: same as another
status-no-further-action = closed: no further action
status-not-councils-responsibility = closed: not theirs
status-internal-referral = passed on
status-cancelled = closed

## Help

help-how = Send a photo, your location or a few words; I ask for the rest. Nothing leaves until you tap Send.
help-how-stranger = Shop staff report here. To join, send the code on your staff-room poster.
help-commands = /reports: what became of yours. /discard: drop an unsent one. /privacy: your data.
help-commands-stranger = /privacy: your data, and how to complain.
help-police = Nobody watches this chat. Police: { $non_urgent }.
help-deaf = Text REGISTER to { $emergency } now, and you can text { $emergency } in danger. Relay UK: 18000, otherwise 18001 { $non_urgent }.
help-bid = { $name }: { $phone }, { $email }.

## Privacy

privacy-notice = { $notice }
privacy-more = The whole notice: { $url }
privacy-requests = Requests about you are answered by the BID within one month: { $address }. You can also turn to the { $regulator }.
privacy-held = Held here: this chat's address, { $business }, your name ({ $name }){ $reports ->
        [0] {""}.
        [one] {""} and one report.
       *[other] {""} and your reports (the last { $reports } under /reports).
    }
privacy-held-shop = Held here: this chat's address and { $business }. As it is the shop's phone, its data goes by way of the BID.
privacy-no-name = none given
option-privacy-data = Send me my data
option-privacy-leave = Leave and delete
option-privacy-complain = Complain
option-privacy-gone = Leave and delete
option-privacy-stay = Stay
privacy-data-asked = The BID is told. You get your data within one month.
privacy-data-asked-shop = The BID is told. As this is the shop's phone, the data goes to your manager by way of the BID.
leave-ask = This phone stops reporting for { $business }. What can still be taken back is; your words, photos and name are erased here. Mails already sent may stay.
leave-ask-shop = This phone stops reporting for { $business }. Its reports stay with the council and the BID.
leave-stayed = Nothing is changed.
left = This phone no longer reports for { $business }. Scan the poster to join again.
complaint-filed = Thank you. Your complaint is { $number }. The BID confirms it within 30 days and answers as soon as it can. Not content? { $regulator }: { $url }
something-broke = Something went wrong on our side. What you sent is kept, and the BID is told. Please try again in a while. If it can't wait: 101, or 999 in danger.

## The channel's own

command-report = Report what you see
command-reports = What became of your reports
command-help = Danger, and how it works
command-privacy = How we look after your data
command-discard = Drop an unsent report
private-chat-only = Reports are private. Please write to me in a chat of our own.
