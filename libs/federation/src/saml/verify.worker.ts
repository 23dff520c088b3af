import { serveJobs } from '#libs/workers';
import { serveVerifierJob, type VerifierAnswer, type VerifierJob } from './verifier-job.js';
import { warmUpVerification } from './warm-up.js';
import { installXPathShortcut } from './xpath-shortcut.js';

// The parsers print warnings that quote the document. What a stranger sent does not belong into the log.
console.warn = console.error = () => undefined;
installXPathShortcut();
await warmUpVerification();
serveJobs<VerifierJob, VerifierAnswer>(serveVerifierJob);
