import { portalWords } from '../i18n/portal';
import { start } from '../shell/Root';
import { App } from './App';

start({ words: portalWords, page: App });
