<?php

/**
 * This file is part of nothing.
 */

declare(strict_types=1);

namespace Acme\Mail;

use Acme\Log\Logger;
use Acme\Transport\{Smtp, Sendmail as Local, Pool\Connection};
use function Acme\Support\tap;
use const Acme\Support\LIMIT;
use Psr\Log\LoggerInterface as Log;

require_once __DIR__ . '/helpers.php';
include 'config.php';
require($dynamic);

define('MAIL_DEBUG', false);

const RETRIES = 3;

/**
 * Sends messages, e.g. by SMTP. Keeps a log.
 *
 * @template T
 */
#[Service(name: 'mailer')]
final class Mailer extends Base implements MailerInterface, \Countable
{
    use LogsMessages;

    public const PRIORITY_HIGH = 1, PRIORITY_LOW = 5;
    /** @var string */
    private static ?string $default = null;
    protected array $headers = ['From' => 'nobody@example.org', 'To' => 'somebody@example.org'];

    public function __construct(
        private readonly Logger $logger,
        protected ?Smtp $transport = null,
        int $retries = RETRIES,
    ) {
        $this->retries = $retries;
    }

    /**
     * {@inheritDoc}
     */
    public static function create(string ...$args): static
    {
        return new static(new Logger(), Smtp::connect($args));
    }

    #[Pure]
    abstract protected function &send(Message $message, callable|null $then = null): int|false;

    private function log(string $text): void
    {
        $format = function (string $x) use ($text) { return tap($x); };
        $this->logger?->info(sprintf('%s', $format($text)));
        throw new MailException(LIMIT);
    }
}

interface MailerInterface
{
    public function count(): int;
}

trait LogsMessages
{
    public $log = [];
}

enum Level: string implements HasLabel
{
    case Low = 'low';
    case High = 'high';

    public function label(): string
    {
        return ucfirst($this->value);
    }
}

if (!function_exists('mail_to')) {
    /** Sends one message. */
    function mail_to(string $address): bool
    {
        return Mailer::create()->send(new Message($address)) instanceof Result;
    }
}
