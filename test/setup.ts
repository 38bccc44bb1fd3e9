// The CDK validates every template that it synthesizes, which takes seconds. One test turns the validation on again.
process.env.CDK_VALIDATION ??= 'false';
