import { html } from '../../../../emulator/runner/html-report/markup';

test('text is escaped in an element and in an attribute', () => {
  const hostile = `<script>alert('&"')</script>`;
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;">&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;</p>',
  );
});

test('markup in markup is not escaped, alone or in a list', () => {
  expect(html`<ul>${['a', '<b>'].map((text) => html`<li>${text}</li>`)}</ul>`.text).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
  );
});

test('characters that HTML cannot contain are replaced', () => {
  expect(html`${'a\u0000\u001b[2J\u0085\ud800\uffff\n\tb'}`.text).toBe('a\ufffd\ufffd[2J\ufffd\ufffd\ufffd\n\tb');
});
