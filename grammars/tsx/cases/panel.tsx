import { type FC, useMemo } from 'react'
import type { Job } from '../model/job'

interface Props<T = Job> {
  job: T
  onClose?: () => void
}

/** A panel with one job in it. */
export const Panel: FC<Props> = ({ job, onClose }) => {
  const title = useMemo(() => format(job), [job])
  return (
    <Frame title={title} onClose={onClose}>
      <Log lines={job.lines} />
    </Frame>
  )
}

function Log<T extends string>({ lines }: { lines: T[] }) {
  return <>{lines.map((line) => <Line key={line} text={line as string} />)}</>
}

export default class Boundary extends React.Component<Props, { failed: boolean }> {
  state = { failed: false }

  render() {
    return this.state.failed ? <Failure /> : this.props.children
  }
}
