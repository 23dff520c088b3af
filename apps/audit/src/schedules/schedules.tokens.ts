/** Reports on their way: `ReportDeliveries`. */
export const REPORT_DELIVERIES = Symbol('REPORT_DELIVERIES');
