process.stdout.write("two of three reviewers agreed");
