package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.PublicationReview;
import io.rowbell.spi.PublicationPlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What PostgreSQL need not send. */
@Command(
    name = "publication",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Plan, make and check a publication that sends no more than the rules need: fewer tables,"
          + " operations, columns and rows.",
      "No rule's meaning changes by it. What is not certain to be needless is sent."
    },
    subcommands = {
      PublicationCommand.Plan.class,
      PublicationCommand.Apply.class,
      PublicationCommand.Verify.class
    })
final class PublicationCommand implements Runnable {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private void print(CommandSpec command, PublicationOptions options, PublicationReport report) {
    command.commandLine().getOut().print(options.json() ? report.json() : report.text());
  }

  /** Prints the plan. */
  @Command(
      name = "plan",
      mixinStandardHelpOptions = true,
      description = {
        "Print what would be left out, what would not and why, and the SQL.",
        "Nothing is altered."
      })
  static final class Plan implements Callable<Integer> {
    @ParentCommand private PublicationCommand parent;
    @Spec private CommandSpec spec;
    @Mixin private PublicationOptions options;

    @Override
    public Integer call() throws InterruptedException {
      PublicationReview review = options.review(false);
      parent.print(spec, options, PublicationReport.plan(parent.main.terminal(), review));
      PublicationPlan plan = review.plan();
      boolean impossible = plan.isNarrower() && plan.statements().isEmpty();
      return (impossible ? ExitCode.CHECK_FAILED : ExitCode.OK).code();
    }
  }

  /** Carries the plan out. */
  @Command(
      name = "apply",
      mixinStandardHelpOptions = true,
      description = {
        "Carry out, in one transaction, the SQL that 'publication plan' prints. Needs the owner of"
            + " the publication and its tables.",
        "A running engine notices it and stops: stop it first. If the journal has to accept the"
            + " alteration, the setting for it is printed."
      })
  static final class Apply implements Callable<Integer> {
    @ParentCommand private PublicationCommand parent;
    @Spec private CommandSpec spec;
    @Mixin private PublicationOptions options;

    @Override
    public Integer call() throws InterruptedException {
      PublicationReview review = options.review(true);
      parent.print(spec, options, PublicationReport.apply(parent.main.terminal(), review));
      boolean left = !review.plan().statements().isEmpty() || review.plan().isNarrower();
      return (left ? ExitCode.CHECK_FAILED : ExitCode.OK).code();
    }
  }

  /** Compares the publication with the rules and the plan. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Compare the publication as it is with what the rules need, and with the plan.",
        "One that sends less than the rules need ends with 1; one that sends more is only told."
      })
  static final class Verify implements Callable<Integer> {
    @ParentCommand private PublicationCommand parent;
    @Spec private CommandSpec spec;
    @Mixin private PublicationOptions options;

    @Override
    public Integer call() throws InterruptedException {
      PublicationReview review = options.review(false);
      parent.print(spec, options, PublicationReport.verify(parent.main.terminal(), review));
      return (review.plan().isNarrower() ? ExitCode.CHECK_FAILED : ExitCode.OK).code();
    }
  }
}
