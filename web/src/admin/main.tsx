import { adminWords } from '../i18n/admin';
import { start } from '../shell/Root';
import { App } from './App';

start({ words: adminWords, page: App });
