import './ui/tokens.css';
import './ui/base.css';
import './ui/parts.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { showKeptTheme } from './ui/theme.js';

showKeptTheme();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
