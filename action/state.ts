/** The state that the main step saves for the post step: the time before which no deployment is one of the job. */
export const STARTED_AT = 'startedAt';
