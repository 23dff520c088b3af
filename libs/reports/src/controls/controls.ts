import type { Control } from './control.js';
import { HIPAA } from './hipaa.js';
import { ISO_27001 } from './iso-27001.js';
import { NIST_800_53 } from './nist-800-53.js';
import { PCI_DSS } from './pci-dss.js';
import { SOC_2 } from './soc-2.js';
import { SOX_ITGC } from './sox-itgc.js';

/**
 * Which control of which framework is answered by which report, query or event, what remains to the organisation, and which tests prove the
 * answer. No claim of conformity: it says where to look. Meanings are in our own words.
 */
export const CONTROLS: readonly Control[] = [...SOC_2, ...ISO_27001, ...NIST_800_53, ...PCI_DSS, ...HIPAA, ...SOX_ITGC];
