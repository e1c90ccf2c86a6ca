import { render } from 'preact';

render(<h1>Chantier</h1>, document.getElementById('page')!);
