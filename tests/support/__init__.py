"""What tests share. Nothing here is a test.

`factories`: small projects and plugins. `small_project`: one in bid with two things left to do. `site`: three projects
with a word of its own in each text. `example_plugin`: one of everything a plugin can declare; `hostile_plugins`: what
goes wrong. `settings`, `reused_app`, `servers`: installations and what they run on. `commands`: the command line.
`concurrency`: the same at once. `tampering`: somebody with the database. `fuzzing`: how long nonsense is tried.
`readability`: how hard a text is to read. `topics/`: what tests of one topic share. `web/`: pages, API and browser.
"""
