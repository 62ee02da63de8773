import React, { useState } from 'react'
import { Button } from '@/ui/Button'
import styles from './view.module.css'

/** Shows one job. */
export function JobView({ job, onCancel }) {
  const [open, setOpen] = useState(false)
  return (
    <div className={styles.job}>
      <Button onClick={() => setOpen(!open)}>{job.name}</Button>
      {open && <Details job={job} />}
    </div>
  )
}

const Details = React.memo(({ job }) => <pre>{job.log}</pre>)

export default JobView
