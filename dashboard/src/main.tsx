import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { App } from './app.js';
import './style.css';

render(<App />, document.querySelector('#app') as Element);
