"""What a viewer mutes: words, creators, sounds, hashtags, languages.

Stronger than "not interested": nothing of it is shown. The list rests sealed under the viewer's own key; the feed
reads it with everything else that a page depends on.
"""
