// CDK validates every template it synthesises, which takes seconds; one test of its own switches this on again.
process.env.CDK_VALIDATION ??= 'false';
